# Sample for Microsoft Intune: installs Capsule for Kiro for the user who is signed in. As a platform script set
# "Run this script using the logged on credentials" to Yes; as a Win32 app set its install behaviour to User.
#
# Before it, by a package that runs as the system: the executable in the folder below, and a file with the enrolment code that
# the signed-in user may read. Delete that file when the roll-out is over: a code is worth nothing after its last use or day.
# Not run on Windows by its authors.
$ErrorActionPreference = 'Stop'
$portal = 'https://capsule.example'
$folder = 'C:\Program Files\Capsule Kiro'
$program = Join-Path $folder 'capsule-kiro.exe'
$code = Join-Path $folder 'code.txt'

$identity = [Security.Principal.WindowsIdentity]::GetCurrent()
if ($identity.IsSystem) {
    [Console]::Error.WriteLine('This has to run as the signed-in user, not as the system.')
    exit 2
}
# Through a pipe: arguments can be read by others, and the management log keeps them.
Get-Content -LiteralPath $code -TotalCount 1 | & $program install --portal $portal --code-stdin --quiet --json
# 3: it works, but something needs somebody (no network yet, say). A retry would not help.
if ($LASTEXITCODE -eq 3) { exit 0 }
exit $LASTEXITCODE
