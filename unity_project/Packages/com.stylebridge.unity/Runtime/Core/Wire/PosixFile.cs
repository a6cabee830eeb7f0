using System;
using System.IO;
using System.Runtime.InteropServices;

namespace Stylebridge.Wire
{
    /// <summary>Files for one user's eyes; what .NET's files can't say on Unix.</summary>
    internal static class PosixFile
    {
        private const uint OthersMayNothing = 0x3F; // 077
        private const int NoSuchProcess = 3;
        private const int TooLarge = 27;
        private const int NoSpace = 28;
        private static readonly object MaskLock = new object(); // the mask is the whole process's

        /// <summary>Whether files have Unix modes here.</summary>
        internal static bool IsPosix
        {
            get { return Path.DirectorySeparatorChar == '/'; }
        }

        /// <summary>This process's number.</summary>
        internal static int ProcessId
        {
            get { return IsPosix ? NativeProcessId() : System.Diagnostics.Process.GetCurrentProcess().Id; }
        }

        /// <summary>Whether a process is there; one that can't be asked about is.</summary>
        internal static bool IsAlive(long process)
        {
            if (process > int.MaxValue)
            {
                return false;
            }
            if (IsPosix)
            {
                return Signal((int)process, 0) == 0 || Marshal.GetLastWin32Error() != NoSuchProcess;
            }
            try
            {
                System.Diagnostics.Process.GetProcessById((int)process).Dispose();
                return true;
            }
            catch (ArgumentException)
            {
                return false;
            }
            catch (Exception error) when (error is InvalidOperationException || error is NotSupportedException)
            {
                return true;
            }
        }

        /// <summary>Makes a new file that nobody else can open, not even for a moment.</summary>
        internal static FileStream CreatePrivate(string path)
        {
            if (!IsPosix)
            {
                return Create(path); // a folder for temporary files belongs to its user there
            }
            lock (MaskLock)
            {
                uint before = SetMask(OthersMayNothing);
                try
                {
                    return Create(path);
                }
                finally
                {
                    SetMask(before);
                }
            }
        }

        /// <summary>Sets room aside for a file at once; false where the system can't do that.</summary>
        internal static bool TryAllocate(FileStream stream, long size)
        {
            if (!IsPosix || IntPtr.Size != sizeof(long))
            {
                return false;
            }
            try
            {
                int error = Allocate((int)stream.SafeFileHandle.DangerousGetHandle(), 0, size);
                if (error == NoSpace || error == TooLarge)
                {
                    throw new IOException("error " + error + " for " + size + " bytes");
                }
                return error == 0;
            }
            catch (EntryPointNotFoundException)
            {
                return false;
            }
        }

        private static FileStream Create(string path)
        {
            // Not to be deleted: on Windows another process's sweep could take the file before it is mapped.
            return new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite, 1);
        }

        [DllImport("libc", EntryPoint = "posix_fallocate")]
        private static extern int Allocate(int file, long offset, long size);

        [DllImport("libc", EntryPoint = "umask")]
        private static extern uint SetMask(uint mask);

        [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
        private static extern int Signal(int process, int signal);

        [DllImport("libc", EntryPoint = "getpid")]
        private static extern int NativeProcessId();
    }
}
