using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text.RegularExpressions;

namespace Stylebridge.Wire
{
    /// <summary>Where rings lie and what their files are called.</summary>
    internal static class RingPath
    {
        internal const string Pattern = "stylebridge-*.ring";
        private const string Memory = "/dev/shm";
        private static readonly Regex Name = new Regex(@"\Astylebridge-([0-9]{1,20})-[0-9a-f]{16}\.ring\z");

        /// <summary>The folders that may hold a ring, best first.</summary>
        internal static List<string> Folders()
        {
            var folders = new List<string>();
            if (PosixFile.IsPosix && Directory.Exists(Memory))
            {
                folders.Add(Memory);
            }
            string temporary = Path.GetTempPath();
            folders.Add(temporary.Length > 1 ? temporary.TrimEnd('/', '\\') : temporary);
            return folders;
        }

        /// <summary>A name in a folder that nobody can guess.</summary>
        internal static string NewPath(string folder)
        {
            string random = WireId.NewRandom().ToString().Substring(0, 16);
            return Path.Combine(folder, "stylebridge-" + PosixFile.ProcessId + "-" + random + ".ring");
        }

        /// <summary>The process that made a ring, from its file's name.</summary>
        internal static bool TryMaker(string path, out long process)
        {
            Match match = Name.Match(Path.GetFileName(path));
            if (!long.TryParse(match.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out process))
            {
                process = long.MaxValue; // more digits than any process has
            }
            return match.Success;
        }

        /// <summary>Whether a path that a peer names may be a ring at all.</summary>
        internal static bool IsFit(string path)
        {
            try
            {
                string folder = Path.GetDirectoryName(path);
                const FileAttributes Odd = FileAttributes.ReparsePoint | FileAttributes.Directory;
                bool isPlain = (File.GetAttributes(path) & Odd) == 0;
                return isPlain && Folders().Contains(folder) && Name.IsMatch(Path.GetFileName(path));
            }
            catch (Exception error) when (error is IOException || error is ArgumentException
                || error is UnauthorizedAccessException || error is NotSupportedException)
            {
                return false;
            }
        }
    }
}
