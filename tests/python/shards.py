# Python's tarfile writes the members wds/00K.cls and .jpg, K of 0..6, in each of its formats: for tests/cli/big.t.
import tarfile

for form, name in ((tarfile.USTAR_FORMAT, "u"), (tarfile.GNU_FORMAT, "g"), (tarfile.PAX_FORMAT, "p")):
    with tarfile.open("py-%s.tar" % name, "w", format=form) as t:
        for k in range(7):
            for ending in ("cls", "jpg"):
                t.add("wds/00%d.%s" % (k, ending), "00%d.%s" % (k, ending))
