using System;
using System.Globalization;
using Stylebridge.Wire;

namespace Stylebridge.Tests
{
    /// <summary>One end of a ring, led line by line from outside, so that two processes keep in step.</summary>
    internal static unsafe class WireRings
    {
        /// <summary>Prints the offer; then: write SLOT SIZE SEED, begin SLOT, unlink.</summary>
        internal static int Write(string slots, string slotBytes)
        {
            using (var ring = new RingWriter(Number(slots), Number(slotBytes)))
            {
                Say(Json.TextFrom(ring.Offer(1).Write()));
                for (string line = Console.ReadLine(); line != null; line = Console.ReadLine())
                {
                    string[] words = line.Split(' ');
                    switch (words[0])
                    {
                        case "write":
                            byte* payload = ring.Begin(Number(words[1]));
                            for (int i = 0; i < Number(words[2]); i++)
                            {
                                payload[i] = (byte)(i * 7 + Number(words[3]));
                            }
                            Say("stamp " + ring.End(Number(words[1]), Number(words[2])));
                            break;
                        case "begin":
                            ring.Begin(Number(words[1]))[0] ^= 1;
                            Say("begun");
                            break;
                        case "unlink":
                            ring.Unlink();
                            Say("unlinked");
                            break;
                        default:
                            return 2;
                    }
                }
            }
            return 0;
        }

        /// <summary>Opens what an offer names; then: read SLOT STAMP SIZE gives the checksum, or torn.</summary>
        internal static int Read(string offer)
        {
            byte[] body = System.Text.Encoding.UTF8.GetBytes(offer);
            var message = new byte[WirePrefix.Bytes + body.Length];
            WirePrefix.Write(message, WireKind.Lane, message.Length);
            Buffer.BlockCopy(body, 0, message, WirePrefix.Bytes, body.Length);
            var lane = (LaneMessage)JsonMessage.Decode(message, message.Length);
            if (!RingReader.TryOpen(lane, out RingReader ring, out string says))
            {
                Say("refused " + says);
                return 1;
            }
            Say("open");
            for (string line = Console.ReadLine(); line != null; line = Console.ReadLine())
            {
                string[] words = line.Split(' ');
                int slot = Number(words[1]);
                ulong stamp = ulong.Parse(words[2], CultureInfo.InvariantCulture);
                ulong size = ulong.Parse(words[3], CultureInfo.InvariantCulture);
                bool holds = ring.Holds(slot, stamp, size);
                uint sum = holds ? Crc32.Compute(ring.Payload(slot), (long)size) : 0;
                Say(holds && ring.Holds(slot, stamp, size) ? "crc " + sum : "torn");
            }
            ring.Dispose();
            return 0;
        }

        private static int Number(string word)
        {
            return int.Parse(word, CultureInfo.InvariantCulture);
        }

        private static void Say(string line)
        {
            Console.WriteLine(line);
            Console.Out.Flush();
        }
    }
}
