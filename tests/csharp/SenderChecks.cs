using System;
using Stylebridge.Wire;

namespace Stylebridge.Tests
{
    /// <summary>What a sender does when things happen in between: one line per case, with what came of it.</summary>
    internal static partial class SenderChecks
    {
        private static ScriptedSockets s_script;
        private static SenderOptions s_options;
        private static Sender s_sender;

        internal static int Print()
        {
            Say("a frame too large for the collector that came while it waited", WireFlow.Lossless, TooLargeByThen);
            Say("a live frame too large for the collector that came with it", WireFlow.Live, TooLargeInLive);
            Say("an answer's handler that throws", WireFlow.Live, ThrowingAnswer);
            Say("a frame given while such a handler throws", WireFlow.Lossless, ThrowingAnswerWithinSend);
            Say("a socket that fails to close", WireFlow.Live, FailsToClose);
            Say("a question that couldn't leave", WireFlow.Live, UnsentQuestion);
            Say("a question that can't be written", WireFlow.Live, UnfitQuestion);
            Say("questions given up whose handlers go on pumping", WireFlow.Live, PumpingAnswers);
            Say("an end during which a handler throws", WireFlow.Lossless, ThrowingEnd);
            Say("tries to say HELLO in a second without a collector", WireFlow.Live, UnsaidHello);
            Say("the end of a live game without a collector", WireFlow.Live, EndWithoutCollector);
            Say("a game that names no colour", WireFlow.Live, WithoutColor);
            Say("planes asked for outlive a lost link", WireFlow.Live, AskedPlanes);
            Say("a new socket after a pause", WireFlow.Live, NewSocketAfterPause);
            Say("trouble after an old fault", WireFlow.Live, TroubleAfterFault);
            Say("a control that ends the sender, slowly", WireFlow.Lossless, EndingControl);
            Say("a control whose name is cut within a character", WireFlow.Live, CutName);
            Say("a control that fails with half a character", WireFlow.Live, HalfCharacter);
            Say("a control whose result is a list", WireFlow.Live, ResultIsList);
            Say("a farewell", WireFlow.Lossless, Farewell);
            Say("the last words", WireFlow.Lossless, LastWords);
            Say("the README's example", WireFlow.Live, Example);
            return 0;
        }

        private static string TooLargeByThen()
        {
            s_script.WhileWaiting = () => s_script.Welcome(s_sender, 10);
            string isTaken = Give(100) + " " + s_script.Count(WireKind.Frame);
            return isTaken + " " + s_sender.Counters.FaultsOf(WireError.TooLarge);
        }

        private static string TooLargeInLive()
        {
            s_script.Welcome(s_sender, 10);
            return Give(0) + " " + s_script.Count(WireKind.Frame) + " " + s_sender.Unfinished;
        }

        private static string FailsToClose()
        {
            Stream();
            s_script.FailsToClose = true;
            s_script.NowMs += 10001;
            return Outcome(() => s_sender.Pump()) + " " + Outcome(() => s_sender.Dispose()) + " " + s_sender.State;
        }

        private static string UnsaidHello()
        {
            s_script.Takes = false;
            for (int i = 0; i < 1000; i++)
            {
                s_script.NowMs++;
                s_sender.Pump();
            }
            bool areFew = s_script.Tries >= 10 && s_script.Tries <= 40;
            return areFew ? "few" : s_script.Tries.ToString();
        }

        private static string EndWithoutCollector()
        {
            Give(0);
            long before = s_script.NowMs;
            return s_sender.Close(5000) + " after " + (s_script.NowMs - before);
        }

        private static string WithoutColor()
        {
            s_options.Planes = new[] { WirePlane.Depth };
            s_sender = new Sender(s_options, s_script, s_script);
            Stream();
            return Outcome(() => Give(0)) + " " + s_script.Count(WireKind.Frame);
        }

        private static string NewSocketAfterPause()
        {
            Stream();
            s_script.FailsToSend = true;
            Give(0);
            s_script.FailsToSend = false;
            s_script.Told.Clear();
            s_script.NowMs += 1000;
            s_sender.Pump();
            return s_script.Kinds() + " " + s_sender.State + " " + s_sender.Counters.LinksLost;
        }

        private static string TroubleAfterFault()
        {
            Stream();
            s_script.Say(new ErrorMessage { Code = "torn", Says = "an old one" });
            s_sender.Pump();
            s_script.FailsToSend = true;
            Give(0);
            return s_sender.LastFault;
        }

        private static string Farewell()
        {
            Stream();
            s_script.Told.Clear();
            s_script.Say(new ErrorMessage { Code = "closing" });
            s_script.SayPing();
            s_sender.Pump();
            s_sender.Pump();
            return s_script.Kinds() + " " + s_sender.State;
        }

        private static string LastWords()
        {
            Stream();
            s_script.Told.Clear();
            s_sender.Close(0);
            return s_script.Kinds();
        }

        private static string Example()
        {
            var example = new FrameStreamer();
            example.OnEnable(s_script);
            example.LateUpdate(new byte[4 * 4 * 3], 4, 3, 1, 0.0);
            s_script.WelcomeWhoSaidHello();
            s_script.Say(new QuestionMessage { Id = 1, Name = "pause" });
            example.LateUpdate(new byte[4 * 4 * 3], 4, 3, 2, 0.1);
            example.OnDisable();
            return s_script.Kinds() + " " + example.IsPaused;
        }

        private static void Stream()
        {
            s_script.Welcome(s_sender);
            s_sender.Pump();
        }

        private static string Give(int timeoutMs)
        {
            var frame = new FrameDescription { Width = 2, Height = 2 };
            PlaneData[] planes = { PlaneData.From(WirePlane.Color, WireDtype.U8, 3, 2, new byte[12]) };
            return s_sender.TrySend(frame, planes, 1, timeoutMs).ToString();
        }

        private static string Outcome(Action act)
        {
            try
            {
                act();
                return "done";
            }
            catch (Exception)
            {
                return "thrown";
            }
        }

        private static void Say(string what, WireFlow flow, Func<string> check)
        {
            s_script = new ScriptedSockets();
            s_options = new SenderOptions { SharedMemory = false, Flow = flow };
            s_sender = new Sender(s_options, s_script, s_script);
            string outcome;
            try
            {
                outcome = check();
            }
            catch (Exception error)
            {
                outcome = error.ToString().Replace("\n", " ");
            }
            Console.WriteLine(what + ": " + outcome);
        }
    }
}
