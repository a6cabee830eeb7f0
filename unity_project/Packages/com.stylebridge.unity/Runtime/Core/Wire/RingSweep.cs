using System;
using System.IO;

namespace Stylebridge.Wire
{
    /// <summary>Removes the rings of processes that died before their file's name was deleted.</summary>
    internal static class RingSweep
    {
        /// <summary>Says how many there were; whatever can't be removed stays.</summary>
        internal static int Run()
        {
            int removed = 0;
            foreach (string folder in RingPath.Folders())
            {
                foreach (string path in Candidates(folder))
                {
                    removed += IsLeft(path) && TryRemove(path) ? 1 : 0;
                }
            }
            return removed;
        }

        private static string[] Candidates(string folder)
        {
            try
            {
                return Directory.GetFiles(folder, RingPath.Pattern);
            }
            catch (Exception error) when (error is IOException || error is UnauthorizedAccessException)
            {
                return new string[0];
            }
        }

        private static bool IsLeft(string path)
        {
            bool isOthers = PosixStatus.TryRead(path, false, out PosixStatus status) && !status.IsOwn;
            return !isOthers && RingPath.TryMaker(path, out long process) && !PosixFile.IsAlive(process);
        }

        private static bool TryRemove(string path)
        {
            try
            {
                File.Delete(path);
                return true;
            }
            catch (Exception error) when (error is IOException || error is UnauthorizedAccessException)
            {
                return false; // on Windows: still mapped by its reader
            }
        }
    }
}
