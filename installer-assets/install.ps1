# Installs Capsule for Kiro for this user. It needs no administrator, and running it again is safe.
#
# What it does: takes the executable for this machine from {{portal}}, or one that lies beside this file; compares it with
# the SHA-256 below; runs its `install`, which puts it in its place, connects Kiro and says each change it makes.
# What it holds: the portal's address, checksums, and an enrolment code that is worth nothing after {{expires}}.
#
# Everything stands in one block: PowerShell runs none of it before it has read the last line, so a file that was cut off on
# its way does nothing at all.
& {
    $ErrorActionPreference = 'Stop'
    $portal = {{portal:quoted}}
    $code = {{code:quoted}}
    $sums = {{sums:quoted}}
    $arguments = @({{arguments:quoted}}) + $args

    function Stop-Install([string] $why, [string] $hint) {
        [Console]::Error.WriteLine("capsule-kiro was not installed: $why")
        if ($hint) { [Console]::Error.WriteLine("  $hint") }
        exit 1
    }

    # A 32-bit or translated shell names its own processor in the first and the machine's in the second.
    $machine = $env:PROCESSOR_ARCHITECTURE
    if ($env:PROCESSOR_ARCHITEW6432) { $machine = $env:PROCESSOR_ARCHITEW6432 }
    switch ($machine) {
        'AMD64' { $processor = 'x64' }
        'ARM64' { $processor = 'arm64' }
        default { Stop-Install "there is no executable for the processor $machine" }
    }
    $wanted = $null
    # Windows on ARM runs the x64 executable too.
    foreach ($candidate in @($processor, 'x64')) {
        $file = "capsule-kiro-win-$candidate.exe"
        foreach ($line in $sums -split "`n") {
            $sum, $name = $line.Trim() -split '\s+', 2
            if ($name -eq $file) { $wanted = $sum }
        }
        if ($wanted) { break }
    }
    if (-not $wanted) { Stop-Install "this portal has no $file" 'Ask your administrator to add it, and for a new installer.' }

    $folder = Join-Path $env:LOCALAPPDATA ('capsule-kiro-install-' + [Guid]::NewGuid().ToString('N'))
    New-Item -ItemType Directory -Path $folder | Out-Null
    $status = 1
    try {
        $executable = Join-Path $folder 'capsule-kiro.exe'
        $beside = Join-Path $PSScriptRoot $file
        if ($PSScriptRoot -and (Test-Path -LiteralPath $beside -PathType Leaf)) {
            Write-Host "Using $file, which lies beside this installer."
            Copy-Item -LiteralPath $beside -Destination $executable
        }
        else {
            Write-Host "Fetching $file from $portal ..."
            # Windows PowerShell 5.1 offers old TLS only, and its progress bar costs more than the download.
            [Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12
            $ProgressPreference = 'SilentlyContinue'
            try { Invoke-WebRequest -UseBasicParsing -Uri "$portal/v1/download/$file" -OutFile $executable }
            catch { Stop-Install "$file could not be fetched from ${portal}: $($_.Exception.Message)" 'Check the network and the proxy, then run this again.' }
        }

        $got = (Get-FileHash -LiteralPath $executable -Algorithm SHA256).Hash.ToLowerInvariant()
        if ($got -ne $wanted) {
            Stop-Install "$file is not what your administrator released (SHA-256 $got, not $wanted)" 'Nothing was run. Try again; if it stays so, tell your security team.'
        }
        # A copy of a file that a browser fetched is still marked as from the internet; its checksum says more than the mark.
        Unblock-File -LiteralPath $executable

        & $executable --version | Out-Null
        if ($LASTEXITCODE -ne 0) { Stop-Install "$file does not start on this machine" 'It needs Windows 10 or later.' }

        # Through a pipe: arguments can be read by others.
        $code | & $executable install --portal $portal --code-stdin @arguments
        $status = $LASTEXITCODE
    }
    finally {
        Remove-Item -LiteralPath $folder -Recurse -Force -ErrorAction SilentlyContinue
    }
    exit $status
} @args
