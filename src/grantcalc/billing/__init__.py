"""From caseloads to claims: caseload · checks · counting · lines · pricing · ceilings · earning · claims."""
