/** What will be released, and where every free byte is. */
package io.fallow.plan;
