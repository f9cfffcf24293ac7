package io.fallow.format;

/**
 * A device that holds no filesystem by design, such as a boot loader's, or not a single allocated
 * byte. Nothing in it is released, and that is as it should be: it is no refusal.
 *
 * @param type what it is, as users call it
 */
public record Opaque(String type) implements Content {}
