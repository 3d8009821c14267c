/* The one function of Windows' bcryptprimitives.dll that Rust's standard library calls. Debian's wine
 * lacks this library, and has the same source of random bytes under an older name. */
#include <windows.h>

BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG length);

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE buffer, SIZE_T length)
{
    return SystemFunction036(buffer, (ULONG)length);
}
