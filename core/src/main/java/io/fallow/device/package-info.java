/** What is read and written by position: host files, guests' disks, and parts of them. */
package io.fallow.device;
