// SPDX-License-Identifier: MIT
import Glibc

/// For scripts of a server that is slow on purpose.
func usleepBriefly() {
    usleep(2_000)
}
