/** How much is read: the metadata that decides, once, and never a file's data. */
package io.fallow.tests.reads;
