package io.fallow.format;

/**
 * A volume in which nothing is released.
 *
 * @param type the kind, as users call it
 * @param refusal why
 */
public record Refused(String type, Refusal refusal) implements Content {}
