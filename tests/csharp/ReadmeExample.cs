using Stylebridge;
using Stylebridge.Wire;

/// <summary>Shows a collector what a camera sees. In Unity: a MonoBehaviour, whose messages these are.</summary>
public sealed class FrameStreamer
{
    private readonly FrameDescription _frame = new FrameDescription { Camera = "main" };
    private readonly PlaneData[] _planes = new PlaneData[1];
    private readonly ReplyFrame _reply = new ReplyFrame();
    private Sender _sender;

    public bool IsPaused { get; private set; }

    public void OnEnable(IWireSocketFactory sockets)
    {
        var options = new SenderOptions
        {
            Endpoint = "tcp://127.0.0.1:5570",
            Name = "my game",
            Flow = WireFlow.Live, // never waits; Lossless and Lockstep do, within TrySend
            Replies = true,
        };
        _sender = new Sender(options, sockets, new WireClock());
        _sender.Obey("pause", args => Pause(true));
        _sender.Obey("resume", args => Pause(false));
    }

    /// <summary>Once per frame, with pixels of 4 bytes each: red, green, blue, alpha.</summary>
    public void LateUpdate(byte[] rgba, int width, int height, ulong frameId, double seconds)
    {
        _frame.FrameId = frameId;
        _frame.SimulationS = seconds;
        _frame.Width = width;
        _frame.Height = height;
        _planes[0] = PlaneData.From(WirePlane.Color, WireDtype.U8, 4, width, rgba);
        _planes[0].Entry.Rows = WireRows.Bottom; // Unity's textures begin with the bottom row
        _sender.TrySend(_frame, _planes, 1, timeoutMs: 0);
        while (_sender.TryTakeReply(_reply))
        {
            int color = _reply.Find(WirePlane.Color);
            if (color >= 0)
            {
                Show(_reply.Plane(color), _reply.Header.Width, _reply.Header.Height, ref _reply.Header.Planes[color]);
            }
        }
    }

    public void OnDisable()
    {
        _sender.Close(timeoutMs: 200);
    }

    private JsonValue Pause(bool isPaused)
    {
        IsPaused = isPaused;
        return null; // or an object that tells the asker what came of it
    }

    private static void Show(byte[] pixels, int width, int height, ref PlaneEntry how)
    {
        // The array may be longer than the picture; `how` tells channels, dtype, stride and the first row.
    }
}
