using System;

namespace Stylebridge.Tests
{
    /// <summary>The harness's commands for the wire.</summary>
    internal static class WireCommands
    {
        internal static int Run(string[] arguments)
        {
            if (arguments[0] == "wire-stream")
            {
                return WireStream.Run(arguments);
            }
            switch (arguments[0] + " " + (arguments.Length - 1))
            {
                case "wire-codes 1":
                    return WireCodes.Print(arguments[1]);
                case "wire-misuse 0":
                    return WireMisuse.Print();
                case "wire-sender 0":
                    return SenderChecks.Print();
                case "wire-vectors 1":
                    return new WireVectors(arguments[1]).RunAll();
                case "wire-ring-write 2":
                    return WireRings.Write(arguments[1], arguments[2]);
                case "wire-ring-read 1":
                    return WireRings.Read(arguments[1]);
                default:
                    Console.Error.WriteLine("unknown command or wrong number of arguments: " + arguments[0]);
                    return 2;
            }
        }
    }
}
