/** GUID partition tables, by the UEFI specification 2.10, chapter 5. */
package io.fallow.volume.gpt;
