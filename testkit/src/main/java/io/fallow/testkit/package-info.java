/**
 * What proves the product: files that record, count or fail, crash states, image builders that
 * share no code with the product, and contract suites for every kind of device, layer and image.
 */
package io.fallow.testkit;
