package io.belay.process.lint;

public record Finding(String file, String element, String rule) {}
