@echo off
rem Starts Artifex in half precision (fp16) and with compiled kernels, for cards that gain from both.
setlocal
chcp 65001 >nul
cd /d "%~dp0"
where npm >nul 2>nul
if errorlevel 1 (
  echo Artifex needs Node.js: install the LTS version from https://nodejs.org and open this file again.
  pause
  exit /b 1
)
set WAN_FORCE_FP16=1
set WAN_COMPILE=1
call npm start -- %*
if errorlevel 1 (
  echo.
  echo Artifex ended with an error; what to do stands above.
  pause
)
