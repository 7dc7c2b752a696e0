package io.belay.runbooks;

import org.springframework.test.context.TestPropertySource;

@TestPropertySource(properties = "spring.datasource.url=jdbc:h2:mem:main-server;DB_CLOSE_DELAY=-1")
class MainServerOnH2IT extends MainServerContract {}
