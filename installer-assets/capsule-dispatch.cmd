@echo off
rem Capsule for Kiro. Kiro runs this at the end of an agent turn; it tells capsule-kiro's daemon that a turn ended here.
rem
rem   capsule-dispatch.cmd          Kiro 0.x: stdin is never touched (Kiro leaves it open)
rem   capsule-dispatch.cmd stdin    Kiro 1.x: JSON on stdin, which only the program can take over byte for byte
rem
rem It writes one small file into the folder that the daemon watches. It prints nothing, exits 0 and holds no secret. Only when
rem no daemon ever said where it is, or the ring before was not taken, the program is started to look after the daemon.
setlocal EnableExtensions DisableDelayedExpansion
rem Before `!` means anything: a folder may have one in its name.
set "cwd=%CD:\=\\%"
set "home="
if exist "%~dp0capsule-home" set /p home=<"%~dp0capsule-home"
setlocal EnableDelayedExpansion
if not exist "!home!\rings\" exit /b 0
set "program=!home!\bin\capsule-kiro.exe"
set "CAPSULE_KIRO_HOME=!home!"
if "%~1"=="stdin" (
  if exist "!program!" "!program!" hook stdin >nul 2>&1
  exit /b 0
)
set "ring=!home!\rings\cmd-!RANDOM!-!RANDOM!-!RANDOM!.json"
echo {"from":"env","cwd":"!cwd!","payload":{}} 2>nul >"!ring!"
set "waiting=0"
for %%f in ("!home!\rings\*.json") do set /a waiting+=1 >nul
if exist "!home!\endpoint.json" if !waiting! leq 1 exit /b 0
if exist "!program!" start "" /b "!program!" hook start <nul >nul 2>&1
exit /b 0
