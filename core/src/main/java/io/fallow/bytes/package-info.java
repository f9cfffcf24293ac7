/** Views of on-disk structures, their checksums, and the two ways in which they fail. */
package io.fallow.bytes;
