using System;
using System.Globalization;
using System.IO;
using System.Text;

namespace Stylebridge.Tests
{
    /// <summary>Runs the C# core's checks from the command line: harness.exe COMMAND ARGUMENT…</summary>
    /// <remarks>Exits 0 when all is right, 1 when a check failed, 2 when the command can't be run.</remarks>
    internal static class Harness
    {
        private static float _large = 16777216f; // from here on float32 has no odd numbers
        private static float _small = 1f;

        private static int Main(string[] arguments)
        {
            Console.OutputEncoding = new UTF8Encoding(false);
            // The core's texts and numbers must not depend on where the player lives.
            CultureInfo.CurrentCulture = new CultureInfo("de-DE");
            try
            {
                return Run(arguments);
            }
            catch (IOException error)
            {
                Console.Error.WriteLine(error.Message);
                return 2;
            }
        }

        /// <summary>Whether this runtime keeps more than float32 between two operations without a cast.</summary>
        private static bool ComputesWide()
        {
            return (_large + _small) - _large != 0f;
        }

        private static int Run(string[] arguments)
        {
            string command = arguments.Length > 0 ? arguments[0] : "";
            if (command.StartsWith("wire-", StringComparison.Ordinal))
            {
                return WireCommands.Run(arguments);
            }
            switch (command + " " + (arguments.Length - 1))
            {
                case "contract 1":
                    return new ContractChecks(arguments[1]).RunAll();
                case "contract-json 1":
                    return TextChecks.PrintContracts(arguments[1]);
                case "json 1":
                    return TextChecks.PrintJson(arguments[1]);
                case "written 0":
                    return TextChecks.PrintWritten();
                case "crc32 1":
                    return TextChecks.PrintChecksums(arguments[1]);
                case "line 4":
                    Console.WriteLine(
                        new StylebridgeException(arguments[1], arguments[2], arguments[3], arguments[4]).Message);
                    return 0;
                case "wide 0":
                    Console.WriteLine(ComputesWide() ? "wide" : "float32");
                    return 0;
                case "garbage 0":
                    return GarbageChecks.Print();
                case "misuse 0":
                    return MisuseChecks.Print();
                default:
                    Console.Error.WriteLine("unknown command or wrong number of arguments: " + command);
                    return 2;
            }
        }
    }
}
