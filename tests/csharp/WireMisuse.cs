using System;
using Stylebridge.Wire;

namespace Stylebridge.Tests
{
    /// <summary>What a sender says to a game that uses it wrongly, and to a socket library that fails.</summary>
    internal static class WireMisuse
    {
        /// <summary>One line per misuse: what it was, and what came of it.</summary>
        internal static int Print()
        {
            var sockets = new FaultySockets();
            var clock = new StandingClock();
            using (var sender = new Sender(new SenderOptions { SharedMemory = false }, sockets, clock))
            {
                Say("no planes", () => Give(sender, "main", new PlaneData[0]));
                Say("no color", () => Give(sender, "main", One(WirePlane.Depth, WireDtype.F32, 1, 16)));
                Say("too few bytes", () => Give(sender, "main", One(WirePlane.Color, WireDtype.U8, 3, 2 * 2 * 3 - 1)));
                Say("wrong type", () => Give(sender, "main", One(WirePlane.Color, WireDtype.U32, 3, 99)));
                Say("no camera", () => Give(sender, "", Color()));
                Say("camera with a line break", () => Give(sender, "a\nb", Color()));
                Say("fits", () => Give(sender, "main", Color()));
                for (int i = 0; i < WireConstants.MaxCameras - 1; i++)
                {
                    Give(sender, "camera " + i, Color());
                }
                Say("a camera too many", () => Give(sender, "one more", Color()));
                Say("exchange in the live flow", () =>
                    sender.TryExchange(Frame("main"), Color(), 1, 0, new ReplyFrame()).ToString());
                Say("broken sockets", () => sender.LastFault + " " + sender.State + " " + sockets.Made);
                clock.NowMs += 999;
                sender.Pump();
                Say("too soon for another", () => sockets.Made.ToString());
                clock.NowMs += 1;
                sender.Pump();
                Say("another", () => sockets.Made.ToString());
                Say("closed", () => sender.Close(0) + " " + sender.State);
                Say("after the end", () => Give(sender, "main", Color()));
            }
            Say("outside", () => Endpoint.Parse("tcp://10.0.0.1:5570", false));
            Say("outside with keys", () => Endpoint.Parse("10.0.0.1", true));
            Say("inside", () => Endpoint.Parse("zmq://[::1]:9", false));
            Say("no port", () => Endpoint.Parse("127.0.0.1:x", false));
            Say("port with a space", () => Endpoint.Parse("127.0.0.1: 80", false));
            Say("no key", () => new CurveKeys("short", "short", "short").PublicKey);
            return 0;
        }

        private static void Say(string what, Func<string> act)
        {
            string outcome;
            try
            {
                outcome = act();
            }
            catch (StylebridgeException refusal)
            {
                outcome = "refused " + refusal.Code;
            }
            Console.WriteLine(what + ": " + outcome.Trim());
        }

        private static FrameDescription Frame(string camera)
        {
            return new FrameDescription { Camera = camera, Width = 2, Height = 2 };
        }

        private static string Give(Sender sender, string camera, PlaneData[] planes)
        {
            return sender.TrySend(Frame(camera), planes, planes.Length, 0).ToString();
        }

        private static PlaneData[] Color()
        {
            return One(WirePlane.Color, WireDtype.U8, 3, 2 * 2 * 3);
        }

        private static PlaneData[] One(WirePlane plane, WireDtype dtype, int channels, int bytes)
        {
            return new[] { PlaneData.From(plane, dtype, channels, 2, new byte[bytes]) };
        }

        private sealed class StandingClock : IWireClock
        {
            public long NowMs { get; set; } = 5000;

            public ulong WallNs
            {
                get { return 1; }
            }
        }

        private sealed class FaultySockets : IWireSocketFactory
        {
            internal int Made { get; private set; }

            public IWireSocket Create(int maxPartBytes)
            {
                Made++;
                throw new InvalidOperationException("no sockets today");
            }
        }
    }
}
