package io.belay.gateway;

import java.net.URI;

/**
 * One server of a backend.
 *
 * @param name unique in the whole gateway
 * @param address scheme, host and port; requests keep their own path
 */
record BackendServer(String name, String backend, URI address) {}
