package dev.lanewise.kernels;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;

/** A program that prints the first start of a line, and whether this JVM's headers are compact. */
final class CacheLineProbe {

  private CacheLineProbe() {}

  public static void main(String[] args) {
    HotSpotDiagnosticMXBean hotSpot =
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    System.out.printf(
        "%d %s%n", CacheLine.start(0), hotSpot.getVMOption("UseCompactObjectHeaders").getValue());
  }
}
