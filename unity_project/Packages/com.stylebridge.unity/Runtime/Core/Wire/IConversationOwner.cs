namespace Stylebridge.Wire
{
    /// <summary>What a session's owner learns from the talk about it.</summary>
    internal interface IConversationOwner
    {
        /// <summary>What HELLO says now.</summary>
        HelloMessage Hello(bool isResumed);

        /// <summary>A collector has taken the game in, on a new link.</summary>
        void OnWelcome(WelcomeMessage welcome);

        /// <summary>The collector has taken frames over.</summary>
        void OnAck(ref Ack ack);

        /// <summary>A FRAME came back; it lies in the link's inbox.</summary>
        void OnReply(WireMessage message);

        /// <summary>Something about a ring was said.</summary>
        void OnLane(LaneMessage message);
    }
}
