"""From caseloads to requests: caseload · counting · windows · lines · earning · ceilings · claims · ledger ·
requests."""
