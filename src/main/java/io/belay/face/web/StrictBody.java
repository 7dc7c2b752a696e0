package io.belay.face.web;

/** The body of a request that is read strictly: an unknown field or a wrong type is refused. */
public interface StrictBody {}
