// SPDX-License-Identifier: MIT
//
// Tells the thread sanitizer what it cannot see of Swift's Mutex (6.3, Linux). An uncontended lock is an atomic exchange
// in our own code, which is instrumented. A contended one is handed over by the kernel (FUTEX_LOCK_PI) inside
// libswiftSynchronization, which is not: whatever two threads do under such a lock, one after the other, was reported as
// a race. These stand before the library's two functions and name the hand-over. Nothing is suppressed: what is not under
// the lock is still found. Linked into the sanitized programs only.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

void __tsan_acquire(void *address);
void __tsan_release(void *address);

SWIFT void mutex_lock(uint32_t thread, SELF void *mutex) __asm__(LOCK);
SWIFT void mutex_unlock(SELF void *mutex) __asm__(UNLOCK);

SWIFT void mutex_lock(uint32_t thread, SELF void *mutex) {
    SWIFT void (*lock)(uint32_t, SELF void *) = (SWIFT void (*)(uint32_t, SELF void *))dlsym(RTLD_NEXT, LOCK);
    lock(thread, mutex);
    __tsan_acquire(mutex);
}

SWIFT void mutex_unlock(SELF void *mutex) {
    SWIFT void (*unlock)(SELF void *) = (SWIFT void (*)(SELF void *))dlsym(RTLD_NEXT, UNLOCK);
    __tsan_release(mutex);
    unlock(mutex);
}
