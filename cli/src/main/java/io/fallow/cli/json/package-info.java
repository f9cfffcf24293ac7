/** What {@code --json} prints: one record for each object of the schema. */
package io.fallow.cli.json;
