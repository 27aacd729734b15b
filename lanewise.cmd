@echo off
rem Starts Lanewise: builds its jar when that is missing or older than the sources, finds a JDK, and
rem passes the JVM flags that speed depends on. LANEWISE_JAVA_OPTS adds flags of your own.
rem As in the shell launcher, Maven builds in target\launcher, and what runs is a copy in .lanewise that is never
rem written to again. Two that build at once are not kept apart here.
setlocal EnableExtensions DisableDelayedExpansion
set "HERE=%~dp0"
set "STORE=%HERE%.lanewise"
set "BUILT=%HERE%trainer\target\launcher\lanewise.jar"
set "BY_HAND=%HERE%trainer\target\lanewise.jar"

set "FOUND="
if defined JAVA_HOME call :consider "%JAVA_HOME%"
for /f "delims=" %%J in ('where java 2^>nul') do call :consider "%%~dpJ.."
for %%P in ("%ProgramFiles%\Java" "%ProgramFiles%\Eclipse Adoptium" "%ProgramFiles%\Microsoft" "%ProgramFiles%\Zulu" "%ProgramFiles%\Amazon Corretto" "%ProgramFiles%\BellSoft" "%LOCALAPPDATA%\Programs\Eclipse Adoptium" "%USERPROFILE%\.jdks") do (
  if exist "%%~P\" for /d %%D in ("%%~P\*") do call :consider "%%~D"
)
if not defined FOUND (
  >&2 echo lanewise: no JDK 25 or newer found. Looked at
  >&2 echo   JAVA_HOME, java on PATH, the folders Java, Eclipse Adoptium, Microsoft, Zulu, Amazon Corretto and
  >&2 echo   BellSoft of "%ProgramFiles%", "%LOCALAPPDATA%\Programs\Eclipse Adoptium" and "%USERPROFILE%\.jdks".
  >&2 echo Install one, for example Eclipse Temurin 25, and set JAVA_HOME to it.
  exit /b 1
)

call :find_copy
if not defined JAR goto make_ready
call :is_fresh "%JAR%"
if not errorlevel 1 goto start

:make_ready
if not exist "%STORE%\" mkdir "%STORE%"
call :is_fresh "%BY_HAND%"
if not errorlevel 1 (
  call :adopt "%BY_HAND%"
  goto ready
)
where mvn >nul 2>nul
if errorlevel 1 (
  >&2 echo lanewise: the jar has to be built, and Maven, mvn, is not on PATH.
  exit /b 1
)
>&2 echo lanewise: building the jar ...
set "JAVA_HOME=%FOUND%"
set "MAVEN_OPTS=%MAVEN_OPTS% --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow"
call mvn -q -B -ntp -Dstyle.color=never -f "%HERE%pom.xml" -pl trainer -am -Dquick -Dlanewise.target=target/launcher package 1>&2
if errorlevel 1 exit /b 1
call :adopt "%BUILT%"
:ready
if errorlevel 1 exit /b 1
call :find_copy

:start
set "FLAGS=--add-modules jdk.incubator.vector -XX:+UseG1GC -XX:+UseCountedLoopSafepoints -XX:LoopStripMiningIter=1000 -XX:-UseFPUForSpilling -XX:MaxNewSize=32m -XX:MinHeapFreeRatio=10"
rem A JVM does not start with two collectors.
if defined LANEWISE_JAVA_OPTS echo "%LANEWISE_JAVA_OPTS%" | findstr /r /c:"-XX:+Use[A-Za-z0-9]*GC" >nul && set "FLAGS=%FLAGS:-XX:+UseG1GC =%"
"%FOUND%\bin\java.exe" %FLAGS% %LANEWISE_JAVA_OPTS% -jar "%JAR%" %*
exit /b %ERRORLEVEL%

rem Keeps the first Java home that is version 25 or newer and has the Vector API.
:consider
if defined FOUND exit /b 0
if not exist "%~f1\bin\java.exe" exit /b 0
if not exist "%~f1\release" exit /b 0
set "MAJOR="
for /f "usebackq tokens=1,2 delims==." %%K in ("%~f1\release") do if "%%K"=="JAVA_VERSION" set "MAJOR=%%L"
if not defined MAJOR exit /b 0
set "MAJOR=%MAJOR:"=%"
if %MAJOR% LSS 25 exit /b 0
find "jdk.incubator.vector" "%~f1\release" >nul
if errorlevel 1 exit /b 0
set "FOUND=%~f1"
exit /b 0

rem Sets JAR to the newest copy, if there is one.
:find_copy
set "JAR="
if not exist "%STORE%\current" exit /b 0
for /f "usebackq delims=" %%N in ("%STORE%\current") do set "JAR=%STORE%\%%N"
if not exist "%JAR%" set "JAR="
exit /b 0

rem Makes the jar %1 the newest copy. Windows removes none of the others that a JVM still runs from.
:adopt
set "NAME=lanewise-%RANDOM%-%RANDOM%.jar"
copy /y "%~1" "%STORE%\%NAME%" >nul
if errorlevel 1 exit /b 1
>"%STORE%\current" echo %NAME%
for %%C in ("%STORE%\lanewise-*.jar") do if /i not "%%~nxC"=="%NAME%" del /q "%%~C" >nul 2>nul
exit /b 0

rem Error level 1 when the jar %1 is missing or something that it is built from is newer.
:is_fresh
if not exist "%~1" exit /b 1
set "CANDIDATE=%~1"
powershell -NoProfile -Command "Set-Location -LiteralPath $env:HERE; $built = (Get-Item -LiteralPath $env:CANDIDATE).LastWriteTime; $sources = @(Get-Item pom.xml, kernels/pom.xml, engine/pom.xml, model/pom.xml, trainer/pom.xml) + @(Get-ChildItem -Recurse kernels/src/main, engine/src/main, model/src/main, trainer/src/main); if ($sources | Where-Object { $_.LastWriteTime -gt $built }) { exit 1 }; exit 0"
exit /b %ERRORLEVEL%
