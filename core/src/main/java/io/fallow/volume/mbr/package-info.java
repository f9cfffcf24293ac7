/** The partition table of the master boot record, with extended partitions. */
package io.fallow.volume.mbr;
