package io.belay.target;

class LeasesOnH2IT extends LeasesContract {

  @Override
  String url() {
    return "jdbc:h2:mem:leases;DB_CLOSE_DELAY=-1";
  }
}
