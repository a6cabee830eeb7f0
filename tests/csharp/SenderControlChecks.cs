using System;
using System.Linq;
using Stylebridge.Wire;

namespace Stylebridge.Tests
{
    /// <content>The cases about controls: questions, answers, and handlers that misbehave.</content>
    internal static partial class SenderChecks
    {
        private static string ThrowingAnswer()
        {
            AskWithThrowingHandler();
            return Outcome(() => s_sender.Pump()) + " " + s_sender.Counters.Faults;
        }

        private static string ThrowingAnswerWithinSend()
        {
            AskWithThrowingHandler();
            string first = Outcome(() => Give(0));
            first += " " + s_sender.Unfinished + " " + s_sender.Sequence;
            return first + " " + Give(0) + " " + s_sender.Sequence;
        }

        private static string UnsentQuestion()
        {
            Stream();
            s_script.Takes = false;
            int answers = 0;
            bool isAsked = s_sender.TryAsk("any", null, answer => answers++, 10);
            s_script.NowMs += 20;
            s_sender.Pump();
            return isAsked + " " + answers;
        }

        private static string UnfitQuestion()
        {
            Stream();
            int answers = 0;
            JsonValue half = JsonValue.NewObject().Set("a", JsonValue.Of("\ud83c"));
            string outcome = Outcome(() => s_sender.TryAsk("any", half, answer => answers++, 10));
            s_script.NowMs += 20;
            s_sender.Pump();
            return outcome + " " + answers;
        }

        private static string PumpingAnswers()
        {
            Stream();
            int answers = 0;
            for (int i = 0; i < 3; i++)
            {
                s_sender.TryAsk("any", null, answer => PumpOnce(ref answers), 10);
            }
            s_script.NowMs += 20;
            return Outcome(() => s_sender.Pump()) + " " + answers;
        }

        private static void PumpOnce(ref int answers)
        {
            answers++;
            s_sender.Pump();
        }

        private static string ThrowingEnd()
        {
            AskWithThrowingHandler();
            return Outcome(() => s_sender.Close(0)) + " " + s_sender.State + " " + s_script.Kinds();
        }

        private static string AskedPlanes()
        {
            s_options.Planes = new[] { WirePlane.Color, WirePlane.Depth, WirePlane.Ids };
            s_sender = new Sender(s_options, s_script, s_script);
            Stream();
            JsonValue names = JsonValue.NewArray().Add(JsonValue.Of("depth"));
            s_script.Say(new QuestionMessage
            {
                Id = 1,
                Name = "planes",
                Args = JsonValue.NewObject().Set("names", names),
            });
            s_script.Say(new ErrorMessage { Code = "no_hello" });
            s_script.Welcome(s_sender, plane: "ids");
            s_sender.Pump();
            bool wantsIds = s_sender.Wants(WirePlane.Ids);
            return s_sender.Counters.Links + " " + s_sender.Wants(WirePlane.Depth) + " " + wantsIds;
        }

        private static string EndingControl()
        {
            s_sender.Obey("quit", args =>
            {
                s_script.NowMs += 20000;
                s_sender.Dispose();
                return null;
            });
            Stream();
            s_script.Say(new QuestionMessage { Id = 1, Name = "quit" });
            return Give(0) + " " + s_sender.State + " " + s_script.Made;
        }

        private static string CutName()
        {
            return Answered("a" + string.Concat(Enumerable.Repeat("\ud83c\udfae", 100)));
        }

        private static string HalfCharacter()
        {
            s_sender.Obey("half", Fail);
            return Answered("half");
        }

        private static JsonValue Fail(JsonValue args)
        {
            throw new InvalidOperationException("half \ud83c");
        }

        private static string ResultIsList()
        {
            s_sender.Obey("list", args => JsonValue.NewArray());
            return Answered("list");
        }

        /// <summary>Asks for a control and gives the code that came back.</summary>
        private static string Answered(string name)
        {
            Stream();
            s_script.Say(new QuestionMessage { Id = 1, Name = name });
            string outcome = Outcome(() => s_sender.Pump());
            byte[] last = s_script.Told.Find(told => told[6] == (int)WireKind.Control);
            return last == null ? outcome : outcome + " " + ((AnswerMessage)JsonMessage.Decode(last, last.Length)).Code;
        }

        private static void AskWithThrowingHandler()
        {
            Stream();
            s_sender.TryAsk("any", null, Throw, 1000);
            s_script.Say(new AnswerMessage { Answer = 1, Ok = true });
        }

        private static void Throw(AnswerMessage answer)
        {
            throw new StylebridgeException("the game's own");
        }
    }
}
