# A Java runtime with the modules that Lanewise needs, and its jar. .ci/dockerfile runs these steps in a Debian chroot.
FROM debian:trixie-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends openjdk-25-jdk-headless maven
RUN jlink --strip-java-debug-attributes --no-header-files --no-man-pages --output /opt/java --add-modules java.base,java.logging,java.management,java.naming,java.sql,java.xml,jdk.incubator.vector,jdk.jfr,jdk.management,jdk.unsupported
WORKDIR /src
COPY . .
RUN mvn -q -B -ntp -Dquick -pl trainer -am package

FROM debian:trixie-slim
RUN useradd --create-home --uid 10001 lanewise && install -d -o lanewise /work
COPY --from=build /opt/java /opt/java
COPY --from=build /src/trainer/target/lanewise.jar /opt/lanewise.jar
ENV LC_ALL=C.UTF-8
USER lanewise
WORKDIR /work
ENTRYPOINT ["/opt/java/bin/java", "--add-modules", "jdk.incubator.vector", "-XX:+UseG1GC", "-XX:+UseCountedLoopSafepoints", "-XX:LoopStripMiningIter=1000", "-XX:-UseFPUForSpilling", "-XX:MaxNewSize=32m", "-XX:MinHeapFreeRatio=10", "-XX:+UseTransparentHugePages", "-XX:InitialRAMPercentage=25", "-jar", "/opt/lanewise.jar"]
