"""What we issue: claims, requests, forms and reports."""
