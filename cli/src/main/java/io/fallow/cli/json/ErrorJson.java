package io.fallow.cli.json;

import io.avaje.jsonb.Json;

/**
 * Why an image could not be handled.
 *
 * @param code the exit code that it asks for
 * @param kind that code's name
 * @param message one line
 */
@Json
public record ErrorJson(int code, String kind, String message) {}
