package io.belay.journal;

class JournalOnH2Test extends JournalContract {

  @Override
  String url() {
    return "jdbc:h2:mem:journal;DB_CLOSE_DELAY=-1";
  }
}
