# Sample of a detection script for Microsoft Intune, run as the signed-in user: "detected" is a line and exit code 0.
# Not run on Windows by its authors.
$program = Join-Path $env:LOCALAPPDATA 'capsule-kiro\Data\bin\capsule-kiro.exe'
if (-not (Test-Path -LiteralPath $program -PathType Leaf)) { exit 1 }
$status = & $program status --json | ConvertFrom-Json
if (-not $status.installed) { exit 1 }
Write-Output "capsule-kiro $(& $program --version)"
exit 0
