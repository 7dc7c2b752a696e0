package io.belay.security;

/**
 * A request that security refused, published as an application event after the answer was written.
 *
 * @param user who sent it; null when nobody is logged in
 * @param address of the sender
 * @param status 401 or 403
 */
public record RequestRefused(String user, String address, String method, String path, int status) {}
