/** A module that uses Lanewise as any other would. */
module org.example.usesLanewise {
  requires dev.lanewise.trainer;
}
