package io.fallow.image.qcow2;

import io.fallow.extent.ExtentSet;
import java.util.SortedMap;

/**
 * What a release will change. The first four are guest bytes; the others concern the file.
 *
 * @param releasable guest bytes whose entries give up their host clusters
 * @param holes guest bytes without host clusters
 * @param held guest bytes whose host clusters others keep, by owner
 * @param lost guest bytes in clusters that are free only in part
 * @param corrections refcounts to mend first, if the image is dirty
 * @param freed host bytes whose clusters' refcounts become 0
 * @param lowered host clusters whose refcounts fall, and not to 0
 * @param punched host bytes to punch
 * @param end the file's size afterwards
 * @param hostBytes bytes that the host gets back
 * @param unownedBytes the part of them that belonged to no guest byte
 */
record ReleasePlan(
    ExtentSet releasable,
    ExtentSet holes,
    SortedMap<String, ExtentSet> held,
    ExtentSet lost,
    RefcountChanges corrections,
    ExtentSet freed,
    RefcountChanges lowered,
    ExtentSet punched,
    long end,
    long hostBytes,
    long unownedBytes) {}
