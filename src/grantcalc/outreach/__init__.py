"""Finding and referring victims: objectives, coalitions, the directory and published figures."""
