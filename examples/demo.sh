#!/bin/sh
# The main job, on both examples: bill each caseload, assemble the claims into a request, verify it, explain one cell.
# `make demo` runs this; the workbooks are written into out/.
set -eu
cd "$(dirname "$0")/.."

echo "== TVAP, FY2012 (illustrative): 14 subrecipients' caseloads, three recipients, ten regions"
here=examples/tvap-fy2012 out=out/tvap-fy2012
mkdir -p "$out"
# sed reads all that is printed, while head would close the pipe before the command has said everything
for caseload in "$here"/caseload-*.xlsx; do
    claim=$out/claim-${caseload##*caseload-}
    grantcalc bill "$here/award.xlsx" "$caseload" --through 2012-09 --known 2012-10-15 --out "$claim" | sed -n 1p
done
grantcalc request "$here/award.xlsx" "$out"/claim-*.xlsx --out "$out/request.xlsx"
cp "$here/award.xlsx" "$here"/*.toml "$out"
grantcalc verify "$out/request.xlsx" --inputs "$out"
echo "verified: $out/request.xlsx matches its inputs"

echo
echo "== ORR Matching Grant, 2007: nine published awards at 2,200 USD once for each person"
here=examples/matching-grant-2007 out=out/matching-grant-2007
mkdir -p "$out"
grantcalc bill "$here/award.xlsx" "$here"/counts-*.xlsx --through 2007-12 --out "$out/claim.xlsx" | sed -n 1p
grantcalc request "$here/award.xlsx" "$out/claim.xlsx" --out "$out/request.xlsx"

echo
echo "== Why? grantcalc explain out/tvap-fy2012/claim-SUB-A.xlsx 'Lines!Q7'"
grantcalc explain out/tvap-fy2012/claim-SUB-A.xlsx 'Lines!Q7'
