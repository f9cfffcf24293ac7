/** What partition tables have in common. */
package io.fallow.volume;
